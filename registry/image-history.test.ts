import { describe, expect, it } from '@jest/globals';
import { layerSteps } from './image-history.ts';

const stepOf = (created_by: string): string | null | undefined =>
  layerSteps(Buffer.from(JSON.stringify({ history: [{ created_by }] })), 1, (command) =>
    command.replaceAll('hidden', '…'),
  )[0];

describe('steps of layers', () => {
  it.each([
    ['RUN |2 A=b c d TOKEN=x y /bin/sh -c make hidden # buildkit', 'RUN make …'],
    ['|1 A=b c /bin/bash -o pipefail -c make', 'RUN make'],
    ['|1 A=b c d make', 'RUN …'],
    ['/bin/sh -c #(nop) COPY a b', 'COPY a b'],
    ['RUN /bin/sh -c make  it', 'RUN make it'],
    [`${'x'.repeat(50)} ${'y'.repeat(3000)}`, 'x'.repeat(50)],
  ])('%s', (created, shown) => expect(stepOf(created)).toBe(shown));
});
