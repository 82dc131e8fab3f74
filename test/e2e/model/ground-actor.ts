import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../integration/client.ts';
import type { Stage } from '../../integration/stage.ts';
import { importFeeds, runCli } from '../../support/pratique.ts';
import type { Random } from '../../support/random.ts';
import { advisorySets, type Ground, groundText, policyTexts } from './ground.ts';
import type { Journal } from './journal.ts';
import type { World } from './world.ts';

/** Milliseconds until a change has to hold; documented are seconds, and the machine may be busy. */
const patience = 20_000;

type Kind = 'policy' | 'advisories' | 'exception';
/** What is changed first, so that a short run has it all, and whether the program ends right after it; then it is chance. */
const script: readonly (readonly [Kind, boolean])[] = [
  ['exception', false],
  ['exception', true],
  ['policy', false],
  ['advisories', false],
  ['policy', true],
];

/** Changes what verdicts rest on, and stops and starts the program; one thing at a time. */
export class GroundActor {
  #ground: Ground;
  #exception = '';
  #changes = 0;
  /** What the policy file says by now. */
  #onDisk: keyof typeof policyTexts;
  readonly #world: World;
  readonly #stage: Stage;
  readonly #journal: Journal;

  constructor(world: World, stage: Stage, journal: Journal, ground: Ground) {
    this.#world = world;
    this.#stage = stage;
    this.#journal = journal;
    this.#ground = ground;
    this.#onDisk = ground.policy;
  }

  async change(random: Random): Promise<void> {
    const before = await this.#revisions();
    const from = performance.now();
    const [kind, ends] = script[this.#changes] ?? [
      random.weighted({ policy: 3, advisories: 1, exception: 3 }),
      random.chance(0.3),
    ];
    this.#changes += 1;
    const next = await this.#make(kind, random);
    // The change is on disk; whether the program has seen it, or ends before that, makes no difference.
    if (ends) await this.restart(random);
    await this.#untilOther(before);
    this.#world.ground.settle([next]);
    this.#ground = next;
    this.#journal.add('ground', 'ground changes', groundText(next), from);
  }

  async restart(random: Random): Promise<void> {
    const signal = random.pick(['SIGTERM', 'SIGKILL'] as const);
    const from = performance.now();
    this.#world.up.set(false);
    // The file is written anew at a start.
    await this.#stage.restart(signal, { policy: policyTexts[this.#onDisk] });
    this.#world.up.set(true);
    this.#journal.add('ground', `restart by ${signal}`, '', from);
  }

  async #make(kind: Kind, random: Random): Promise<Ground> {
    const ground = this.#ground;
    const begin = (next: Ground): Ground => {
      this.#journal.add('ground', 'ground begins to change', groundText(next));
      this.#world.ground.begin(next);
      return next;
    };
    switch (kind) {
      case 'policy': {
        const others = (['critical', 'high', 'nothing'] as const).filter((name) => name !== ground.policy);
        const policy = random.pick(others);
        const next = begin({ ...ground, policy });
        this.#onDisk = policy;
        writeFileSync(join(this.#stage.dir, 'policy.yaml'), policyTexts[policy]);
        return next;
      }
      case 'advisories': {
        const advisories = ground.advisories === 'first' ? 'later' : 'first';
        const next = begin({ ...ground, advisories });
        await importFeeds(this.#stage.dir, advisorySets[advisories]);
        return next;
      }
      case 'exception': {
        const next = begin({ ...ground, excepted: !ground.excepted });
        await (ground.excepted ? this.#revoke() : this.#except());
        return next;
      }
    }
  }

  async #except(): Promise<void> {
    const out = await this.#cli(
      ...['exception', 'add', '--advisory', 'CVE-2026-1001', '--reason', 'model', '--author', 'ada'],
      ...['--expires', '2099-12-31'],
    );
    this.#exception = /ex-[0-9a-f]{12}/.exec(out)?.[0] ?? '';
  }

  async #revoke(): Promise<void> {
    await this.#cli('exception', 'revoke', this.#exception, '--by', 'ada', '--reason', 'model');
  }

  async #cli(...args: readonly string[]): Promise<string> {
    const { code, out, err } = await runCli([...args, '--config', join(this.#stage.dir, 'pratique.yaml')]);
    if (code !== 0) throw new Error(`pratique ${args.join(' ')} ended with ${code}: ${err}`);
    return out;
  }

  /** Revisions of policy and advisories, as the running program has them. */
  async #revisions(): Promise<string> {
    const { body } = await ask(this.#stage.pratique.management, '/api/v1/status');
    const { policy, advisories } = JSON.parse(body.toString()) as Record<string, { revision: string }>;
    return `${policy?.revision ?? ''} ${advisories?.revision ?? ''}`;
  }

  async #untilOther(before: string): Promise<void> {
    const end = performance.now() + patience;
    while ((await this.#revisions()) === before) {
      if (performance.now() > end) throw new Error(`a change did not hold within ${patience} ms: ${before}`);
      await sleep(25);
    }
  }
}
