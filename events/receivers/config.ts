import type { EventKind, EventSeverity } from '../../core/event.ts';
import type { AlertmanagerConfig } from './alertmanager/config.ts';
import type { FalcosidekickConfig } from './falcosidekick/config.ts';
import type { FileConfig } from './file/config.ts';
import type { SlackConfig } from './slack/config.ts';
import type { WebhookConfig } from './webhook/config.ts';

/** What every receiver has. */
export interface ReceiverBase {
  readonly name: string;
  /** null: all. */
  readonly kinds: readonly EventKind[] | null;
  /** Events that are less severe are not told here. */
  readonly minSeverity: EventSeverity;
  /** How long a group has to be quiet before it is told, milliseconds. */
  readonly groupFor: number;
  /** Messages in an hour, the last of which stands for all that wait; null: no limit. */
  readonly perHour: number | null;
}

export type ReceiverKind =
  | FalcosidekickConfig
  | SlackConfig
  | AlertmanagerConfig
  | WebhookConfig
  | FileConfig;

export type ReceiverConfig = ReceiverBase & ReceiverKind;

export const receiverTypes = ['falcosidekick', 'slack', 'alertmanager', 'webhook', 'file'] as const;
export type ReceiverType = (typeof receiverTypes)[number];

/** Receivers that keep what they are told until they are told of its end. */
export const alertKeepers: readonly ReceiverType[] = ['alertmanager'];
/** The kinds of events that end when an image passes again. */
export const endedKinds = ['verdict-changed', 'running-image-bad'] as const;

/** Where people read, a flood is worth nothing; programs take more. */
export const defaultPerHour: Record<ReceiverType, number | null> = {
  falcosidekick: 60,
  slack: 60,
  alertmanager: null,
  webhook: 600,
  file: null,
};

/** Milliseconds. */
export const defaultGroupFor = 30_000;
