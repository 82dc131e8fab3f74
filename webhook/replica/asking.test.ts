import { expect, it } from '@jest/globals';
import type { RepositoryAddress } from '../../core/repository.ts';
import { Asking, type AskingParts } from './asking.ts';
import { Breaker } from './breaker.ts';
import type { ProxyClient } from './client.ts';
import type { Contact } from './contact.ts';
import type { Knowledge } from './knowledge.ts';

const address: RepositoryAddress = { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' };

/** A proxy that answers nothing until it is let, and that the webhook then does not believe. */
function slowProxy() {
  const waiting: (() => void)[] = [];
  const ask = () =>
    new Promise((resolve) => waiting.push(() => resolve({ status: 200, value: {} }))) as ReturnType<
      ProxyClient['ask']
    >;
  const contact = { failed: () => undefined, problem: () => null } as unknown as Contact;
  const parts: AskingParts = {
    client: { ask, close: () => undefined },
    store: { putVetted: () => undefined, dropTag: () => undefined },
    knowledge: {} as Knowledge,
    contact,
    unread: { add: () => undefined },
    breaker: new Breaker(() => 0),
    now: () => 0,
  };
  return { asking: new Asking(parts), waiting };
}

const why = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked;
    return 'answered';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
};

it('leaves other namespaces half of the questions to the proxy, whatever one of them wants to know', async () => {
  const { asking, waiting } = slowProxy();
  const greedy = Array.from({ length: 40 }, (_, n) => why(asking.ask(address, `g${n}`, 10_000, 'greedy')));
  expect(asking.open).toBe(32);
  expect(await greedy[32]).toMatch(
    /images are asked for at once already, of 64, half of which one namespace/,
  );
  const quiet = Array.from({ length: 33 }, (_, n) => why(asking.ask(address, `q${n}`, 10_000, 'quiet')));
  expect([asking.open, await quiet[32]]).toEqual([64, expect.stringMatching(/try again/)]);
  // What is asked for already may be waited for by everybody.
  const joined = why(asking.ask(address, 'q0', 10_000, 'greedy'));
  expect(asking.open).toBe(64);
  for (const answer of waiting) answer();
  expect(await joined).not.toMatch(/at once already/);
  await Promise.all([...greedy, ...quiet]);
  expect(asking.open).toBe(0);
});
