import { type Command, Option } from 'commander';
import type { ConfigSources } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { guarded } from './outcome.ts';

/** What the groups of commands are made with. */
export interface Surroundings {
  readonly console: Console;
  readonly env: ConfigSources['env'];
  /** Takes the exit code. */
  readonly end: (code: number) => void;
}

/** Options that say where configuration and state lie. */
export interface PlaceFlags {
  readonly config?: string;
  readonly data?: string;
}

export type Format = 'table' | 'json';

/** How a group runs its commands. */
export interface Runner {
  readonly console: Console;
  readonly sourcesOf: (flags: PlaceFlags) => ConfigSources;
  /** A defect means that there is no answer. */
  readonly judging: (work: () => Promise<number>) => Promise<void>;
  readonly acting: (work: () => Promise<number>) => Promise<void>;
}

export function runnerOf({ console, env, end }: Surroundings): Runner {
  return {
    console,
    sourcesOf: ({ config, data }) => ({ file: config ?? null, data: data ?? null, env }),
    judging: async (work) => end(await guarded(console, exitCodes.undecided, work)),
    acting: async (work) => end(await guarded(console, exitCodes.usage, work)),
  };
}

/** The options that say where configuration and state lie. */
export function place(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (YAML)')
    .option('--data <dir>', 'folder of all state, which outranks the configuration');
}

export function formatOption(): Option {
  return new Option('--format <format>', 'how to print').choices(['table', 'json']).default('table');
}

/** For options that may be given again and again. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
