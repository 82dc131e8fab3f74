import { type FileHandle, open, rename } from 'node:fs/promises';
import type { FileConfig } from './config.ts';

/** Adds a line, durably. One writer at a time. @throws as node:fs does */
export async function appendLine(config: Pick<FileConfig, 'path' | 'maxBytes'>, line: string): Promise<void> {
  const { path, maxBytes } = config;
  const full = await using(path, async (file) => {
    const { size } = await file.stat();
    if (size > 0 && size + Buffer.byteLength(line) > maxBytes) return true;
    await append(file, size, line);
    return false;
  });
  if (!full) return;
  await rename(path, `${path}.1`);
  await using(path, (file) => append(file, 0, line));
}

async function using<Result>(path: string, work: (file: FileHandle) => Promise<Result>): Promise<Result> {
  const file = await open(path, 'a+', 0o600);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** A power cut may have left half a line, which must not take the next one with it. */
async function append(file: FileHandle, size: number, line: string): Promise<void> {
  const last = size === 0 ? null : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0];
  await file.appendFile(last === null || last === 0x0a ? line : `\n${line}`);
  await file.datasync();
}
