import type { Command } from 'commander';
import {
  type Format,
  formatOption,
  type PlaceFlags,
  place,
  runnerOf,
  type Surroundings,
} from './program-parts.ts';

/** Loaded when they are called for. */
const commands = () => import('./events.ts');

type Flags = PlaceFlags & { readonly format: Format };

/** `pratique events …`. */
export function addEventsCommands(program: Command, surroundings: Surroundings): void {
  const { console, acting, judging, sourcesOf } = runnerOf(surroundings);
  const events = program
    .command('events')
    .description('messages to Slack, Alertmanager, Falco and others: what waits, what was given up');

  place(events.command('status'))
    .description('each receiver, how many messages wait for it and how many were given up')
    .addOption(formatOption())
    .action((flags: Flags) =>
      acting(async () =>
        (await commands()).eventsStatus({ format: flags.format, sources: sourcesOf(flags) }, console),
      ),
    );

  place(events.command('dead'))
    .description('messages that were given up, and why; the newest first')
    .addOption(formatOption())
    .action((flags: Flags) =>
      acting(async () =>
        (await commands()).eventsDead({ format: flags.format, sources: sourcesOf(flags) }, console),
      ),
    );

  place(events.command('retry [id]'))
    .description('put a message that was given up back, or all of them; a running server sends it')
    .action((id: string | undefined, flags: PlaceFlags) =>
      acting(async () =>
        (await commands()).eventsRetry({ id: id ?? null, sources: sourcesOf(flags) }, console),
      ),
    );

  place(events.command('test [receiver]'))
    .description(
      'send a test message to a receiver, or to all, at once; exit code 3 where one does not take it',
    )
    .action((receiver: string | undefined, flags: PlaceFlags) =>
      judging(async () =>
        (await commands()).eventsTest({ receiver: receiver ?? null, sources: sourcesOf(flags) }, console),
      ),
    );
}
