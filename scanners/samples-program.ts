import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program that writes down what it was given, and answers with a file. */
export function recording(answer: unknown): { readonly command: string; readonly seen: () => string } {
  const place = mkdtempSync(join(tmpdir(), 'pratique-test-'));
  const command = join(place, 'program');
  writeFileSync(join(place, 'answer'), JSON.stringify(answer));
  writeFileSync(
    command,
    `#!/bin/sh\n{ echo "$@"; env; for a in "$@"; do case "$a" in *.yaml) cat "$a";; esac; done; } > ${place}/seen\ncat ${place}/answer\n`,
  );
  chmodSync(command, 0o755);
  return { command, seen: () => readFileSync(join(place, 'seen'), 'utf8') };
}
