import { type Command, InvalidArgumentError } from 'commander';
import { type AskerFlags, addAskerOptions } from './asker.ts';
import {
  type Format,
  formatOption,
  type PlaceFlags,
  place,
  runnerOf,
  type Surroundings,
} from './program-parts.ts';

/** Loaded when they are called for. */
const commands = {
  check: () => import('./policy-check.ts'),
  list: () => import('./policy-list.ts'),
  test: () => import('./policy-test.ts'),
  diff: () => import('./policy-diff.ts'),
  explain: () => import('./policy-explain.ts'),
};

interface FormatFlags extends PlaceFlags {
  readonly format: Format;
}

/** `pratique policy …`. */
export function addPolicyCommands(program: Command, surroundings: Surroundings): void {
  const { console, judging, acting, sourcesOf } = runnerOf(surroundings);
  const policy = program
    .command('policy')
    .description('check, try and compare the rules that images are judged by, and tell why they decide');

  policy
    .command('check <file>')
    .description('read a policy or a policy set; tell every problem, or what was understood')
    .action((file: string) => acting(async () => (await commands.check()).policyCheck({ file }, console)));

  policy
    .command('list')
    .description('the ready policies, which every policy set can name')
    .action(() => acting(async () => (await commands.list()).listPolicies(console)));

  policy
    .command('show <name>')
    .description("a ready policy's text, to start one's own from")
    .action((name: string) => acting(async () => (await commands.list()).showPolicy({ name }, console)));

  place(policy.command('test <file> [image...]'))
    .description("try a policy's own expected outcomes; with images, what it says of recorded ones")
    .addOption(formatOption())
    .action((file: string, images: string[], flags: FormatFlags) =>
      judging(async () =>
        (await commands.test()).testPolicy(
          { file, images, format: flags.format, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );

  place(policy.command('diff <old> <new>'))
    .description(
      'which recorded images would be judged otherwise; OLD, NEW: files, ready policies, or current',
    )
    .addOption(formatOption())
    .option('--limit <rows>', 'show at most so many rows', rowsOf, 200)
    .action((from: string, to: string, flags: FormatFlags & { readonly limit: number }) =>
      judging(async () =>
        (await commands.diff()).diffPolicy(
          { from, to, limit: flags.limit, format: flags.format, sources: sourcesOf(flags) },
          console,
        ),
      ),
    );

  addAskerOptions(place(policy.command('explain <image>')))
    .description('which binding and which rules decide of an image for who asks, and why')
    .option(
      '--policy <file>',
      "explain this policy, policy set or ready policy instead of the configuration's",
    )
    .addOption(formatOption())
    .action((image: string, flags: FormatFlags & AskerFlags & { readonly policy?: string }) =>
      judging(async () =>
        (await commands.explain()).explainPolicy(
          {
            image,
            policy: flags.policy ?? null,
            asker: flags,
            format: flags.format,
            sources: sourcesOf(flags),
          },
          console,
        ),
      ),
    );
}

/** Rows that one table may have. */
const mostRows = 100_000;

function rowsOf(text: string): number {
  const rows = Number(text);
  if (/^\d{1,6}$/.test(text) && rows >= 1 && rows <= mostRows) return rows;
  throw new InvalidArgumentError(`Allowed is a number from 1 to ${mostRows}.`);
}
