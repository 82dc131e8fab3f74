import { describe, expect, it } from '@jest/globals';
import { createPassingUploads, type PassingUpload } from './passing-uploads.ts';

function upload(user: string, repository = 'corp/app'): PassingUpload {
  return { owner: { repository, user }, url: new URL('http://localhost/'), copy: null };
}

describe('uploads that pass through', () => {
  it('of one user do not push out those of another', () => {
    const dropped: string[] = [];
    const passing = createPassingUploads(({ owner }) => dropped.push(owner.user));
    const other = upload('other');
    const id = passing.begin(other);
    const flood = (): void => {
      for (let at = 0; at < 20_000; at += 1) passing.begin(upload('flood'));
    };
    expect(flood).toThrow(expect.objectContaining({ code: 'queue-full' }));
    expect(passing.find(id, other.owner)).toBe(other);
    expect(dropped).toEqual([]);
  });

  it.each([
    ['another user', upload('else').owner],
    ['another repository', upload('ci', 'corp/other').owner],
  ])('are unknown to %s', (_, owner) => {
    const passing = createPassingUploads(() => undefined);
    const id = passing.begin(upload('ci'));
    expect(() => passing.find(id, owner)).toThrow(expect.objectContaining({ code: 'upload-unknown' }));
  });
});
