import { parseArgs } from 'node:util';

export interface Sizes {
  readonly findings: number;
  /** 0: images are not judged again. */
  readonly images: number;
  readonly turns: number;
  /** null: a folder that is removed at the end. */
  readonly folder: string | null;
}

/** What stands on the command line. */
export function numbersOf(args: readonly string[]): Sizes {
  const { values } = parseArgs({
    args: [...args],
    options: {
      findings: { type: 'string', default: '2000' },
      images: { type: 'string', default: '100000' },
      turns: { type: 'string', default: '2' },
      folder: { type: 'string' },
    },
  });
  const whole = (name: 'findings' | 'images' | 'turns'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} has to be a whole number`);
    return value;
  };
  return {
    findings: whole('findings'),
    images: whole('images'),
    turns: whole('turns'),
    folder: values.folder ?? null,
  };
}
