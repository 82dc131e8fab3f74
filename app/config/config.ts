import type { ProxySettings } from '../../core/http-proxy.ts';
import type { Platform } from '../../core/platform.ts';
import type { AuthSettings } from '../../proxy/auth/settings.ts';
import type { UpstreamConfig } from '../../registry/upstream/config.ts';
import type { PullerLimits } from '../../vetting/pullers.ts';
import type { TagTimes } from '../../vetting/tag-times.ts';
import type { CustomKind } from '../../webhook/kinds.ts';
import type { MutateSettings } from '../../webhook/pinning.ts';
import type { TlsFiles } from '../tls-files.ts';
import type { BoundPlace } from './bound-schema.ts';
import type { BreakGlassConfig } from './break-glass.ts';
import type { CacheConfig, HostedConfig } from './cache.ts';
import type { EventsConfig } from './events.ts';
import type { GatekeeperConfig } from './gatekeeper.ts';
import type { GatesConfig } from './gates.ts';
import type { HarborAdapterConfig } from './harbor-adapter.ts';
import type { PrefetchEntry } from './prefetch-schema.ts';
import type { RunningConfig } from './running-schema.ts';
import type { ScannerConfig } from './scanner.ts';
import type { IsImmutable } from './tags-schema.ts';
import type { WebhookProxyConfig } from './webhook-proxy.ts';
import type { WebhookTlsConfig } from './webhook-tls.ts';

export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** Everything that `serve` needs to know, read and checked. */
export interface Config {
  /** Folder of all state. */
  readonly data: string;
  readonly listen: {
    readonly registry: Listen | null;
    readonly management: Listen | null;
    readonly webhook: Listen | null;
    readonly harborAdapter: Listen | null;
    /** Where gates that run on their own ask. */
    readonly gates: Listen | null;
    /** Further ports and names of the registry API, each of one upstream. */
    readonly bound: readonly BoundPlace[];
    /** PEM files of the registry port's certificate; null: it speaks plain HTTP. */
    readonly registryTls: TlsFiles | null;
    /** Addresses and networks whose `X-Forwarded-For` is believed. */
    readonly trustedProxies: readonly string[];
  };
  /** Hosts under which clients know the registry port, beside the one it listens on. */
  readonly publicNames: readonly string[];
  readonly upstreams: readonly UpstreamConfig[];
  /** By the upstream's name; one that is missing has the usual times. */
  readonly tagTimes: ReadonlyMap<string, TagTimes>;
  readonly hosted: HostedConfig & { readonly isImmutable: IsImmutable };
  readonly prefetch: readonly PrefetchEntry[];
  /** Of the environment; an upstream's own are among its settings. */
  readonly proxies: ProxySettings;
  readonly platforms: readonly Platform[];
  /** A file with a policy or a set of them, or the name of a ready policy; null: the baseline. */
  readonly policyFile: string | null;
  /** Name of the cluster whose objects the webhook judges; null: it has none. */
  readonly cluster: string | null;
  /** The label whose value names a team. */
  readonly teamLabel: string;
  readonly advisories: {
    readonly from: string | null;
    readonly kev: string | null;
    /** A cron expression; null: updated by hand. */
    readonly schedule: string | null;
    /** Whether publishers' own feeds are asked for as well; null: only beside the public feeds. */
    readonly native: boolean | null;
    /** Names of feeds that are asked for only by name. */
    readonly named: readonly string[];
    /** Names of feeds that are left out. */
    readonly without: readonly string[];
    /** Milliseconds: an update by the clock waits a random time up to this. */
    readonly jitter: number;
    /** Revisions that are kept for a rollback, that in force among them. */
    readonly keep: number;
    /** A cron expression: when everything is matched again, whatever has changed; null: by hand. */
    readonly rematch: string | null;
  };
  /** Milliseconds. */
  readonly hold: number;
  readonly dockerHold: number;
  /** Whether a refused HEAD is answered 300 to containerd, so that it asks nobody else (ADR 0028). */
  readonly stopFallback: boolean;
  readonly webhook: WebhookTlsConfig & {
    readonly names: readonly string[];
    /** Where the labels of namespaces are read; null: nowhere. `file` null: from the environment. */
    readonly namespaces: { readonly file: string | null } | null;
    /** Looks after what runs in the cluster; null: nobody does. */
    readonly running: RunningConfig | null;
    readonly imagePolicy: boolean;
    readonly gatekeeper: GatekeeperConfig | null;
    /** The proxy that a webhook on its own feet follows; null: there is none. */
    readonly proxy: WebhookProxyConfig | null;
    /** The ValidatingWebhookConfiguration that is told of the authority; kubeconfig null: from the environment. */
    readonly register: { readonly configuration: string; readonly kubeconfig: string | null } | null;
    /** Kinds that are judged beside the cluster's own. */
    readonly kinds: readonly CustomKind[];
    readonly mutate: MutateSettings;
    /** Who may have nothing refused for a while; null: nobody. */
    readonly breakGlass: BreakGlassConfig | null;
  };
  /** Who may use the registry port; null: everybody may pull and nobody push. */
  readonly auth: AuthSettings | null;
  readonly gates: GatesConfig;
  readonly cache: CacheConfig;
  readonly harborAdapter: HarborAdapterConfig;
  readonly scanner: ScannerConfig;
  readonly events: EventsConfig;
  readonly limits: {
    readonly concurrentVettings: number;
    readonly queuedVettings: number;
    readonly imageBytes: number;
    readonly layerUnpackedBytes: number;
    readonly layerEntries: number;
    /** Bytes of one pushed blob. */
    readonly uploadBytes: number;
    /** What one who pulls may set going. */
    readonly perPuller: PullerLimits;
    /** To the registry port, of everybody together. */
    readonly connections: number;
    readonly connectionsPerAddress: number;
  };
  /** Milliseconds between being asked to stop, and being ready no more, and closing. */
  readonly shutdownDelay: number;
  /** Whether every answer of the registry port is logged. */
  readonly accessLog: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}
