import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { after } from './timer.ts';

it('rings once, not when it was called off, and not at once for being long', async () => {
  const rung: string[] = [];
  after(5, () => rung.push('soon'));
  after(5, () => rung.push('called off'))();
  const callOff = after(100 * 24 * 60 * 60_000, () => rung.push('in a hundred days'));
  await sleep(40);
  callOff();
  expect(rung).toEqual(['soon']);
});
