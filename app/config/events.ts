import { defaultAlertFor } from '../../events/receivers/alertmanager/config.ts';
import {
  defaultGroupFor,
  defaultPerHour,
  type ReceiverConfig,
  type ReceiverKind,
} from '../../events/receivers/config.ts';
import { defaultMaxBytes } from '../../events/receivers/file/config.ts';
import { type EventsFile, isAddress, milliseconds, type ReceiverFile } from './events-schema.ts';
import type { ConfigReader } from './harbor-adapter.ts';

/** Who is told of what happens. */
export interface EventsConfig {
  readonly receivers: readonly ReceiverConfig[];
  /** Milliseconds before its end at which an exception is warned of. */
  readonly warnBefore: number;
  /** Milliseconds: the age from which advisories are stale. */
  readonly staleAfter: number;
}

/** As `ConfigReader`, and where a path of the file lies. */
export interface EventsReader extends ConfigReader {
  readonly at: (path: string) => string;
}

type Fault = (key: string, problem: string) => Error;
type Target = Extract<ReceiverFile, { readonly urlFile?: string | undefined }>;

/** @param fault makes a `config-invalid`; it is given the key, and what was found and what is allowed */
export function buildEvents(file: EventsFile, read: EventsReader, fault: Fault): EventsConfig {
  const names = file.receivers.map(({ name }) => name);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined) throw fault('events.receivers', `found the name "${double}" twice, allowed once`);
  return {
    receivers: file.receivers.map((receiver) => ({
      ...buildKind(receiver, read, fault),
      name: receiver.name,
      kinds: receiver.kinds ?? null,
      minSeverity: receiver.minSeverity,
      groupFor: time(receiver.groupFor, defaultGroupFor),
      perHour: ('perHour' in receiver ? receiver.perHour : undefined) ?? defaultPerHour[receiver.type],
    })),
    warnBefore: time(file.warnBefore, 0),
    staleAfter: time(file.staleAfter, 0),
  };
}

function buildKind(receiver: ReceiverFile, read: EventsReader, fault: Fault): ReceiverKind {
  const key = `events.receivers "${receiver.name}"`;
  const optional = (setting: string, path: string | undefined, env: string | undefined): string | null => {
    if (path === undefined && env === undefined) return null;
    if (path !== undefined && env !== undefined)
      throw fault(key, `found ${setting}File and ${setting}Env, allowed one of them`);
    return read.secret(`${key} ${setting}`, { file: path, env });
  };
  const target = (from: Target) => ({
    url: addressOf(from, key, read, fault),
    token:
      'tokenFile' in from || 'tokenEnv' in from ? optional('token', from.tokenFile, from.tokenEnv) : null,
    ca: from.ca === undefined ? null : read.file(from.ca),
  });
  switch (receiver.type) {
    case 'falcosidekick':
    case 'slack':
      return { type: receiver.type, ...target(receiver) };
    case 'alertmanager':
      return {
        type: 'alertmanager',
        ...target(receiver),
        alertFor: time(receiver.alertFor, defaultAlertFor),
      };
    case 'webhook':
      return {
        type: 'webhook',
        ...target(receiver),
        format: receiver.format,
        secret: optional('secret', receiver.secretFile, receiver.secretEnv),
      };
    case 'file':
      return {
        type: 'file',
        path: read.at(receiver.path),
        maxBytes: receiver.maxBytes ?? defaultMaxBytes,
      };
  }
}

function addressOf(from: Target, key: string, read: EventsReader, fault: Fault): string {
  const open = 'url' in from ? from.url : undefined;
  const given = [open, from.urlFile, from.urlEnv].filter((value) => value !== undefined);
  if (given.length !== 1) {
    const allowed =
      from.type === 'slack' ? 'urlFile, urlEnv (the address is a secret)' : 'url, urlFile, urlEnv';
    throw fault(key, `found ${given.length} addresses, allowed exactly one of ${allowed}`);
  }
  const url = open ?? read.secret(`${key} url`, { file: from.urlFile, env: from.urlEnv });
  // What is secret is not repeated.
  if (!isAddress(url))
    throw fault(
      key,
      'found another text for its address, allowed an http:// or https:// address without credentials',
    );
  return url;
}

function time(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (milliseconds(text) ?? otherwise);
}
