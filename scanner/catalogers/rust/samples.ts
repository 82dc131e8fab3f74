import { deflateSync } from 'node:zlib';

/** What cargo-auditable links into a program, as `name version` and `name version build`. */
export function crateList(...crates: readonly string[]): Buffer {
  const packages = crates.map((text) => {
    const [name, version, kind] = text.split(' ');
    return { name, version, source: 'crates.io', ...(kind === undefined ? {} : { kind }) };
  });
  return packed(JSON.stringify({ packages }));
}

/** @param level of compression; 7 is what cargo-auditable takes */
export function packed(text: string, level = 7): Buffer {
  return deflateSync(text, { level });
}
