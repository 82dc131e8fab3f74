import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../test/e2e/support/run.ts';

const connections = 16;

/** Pulls per second: wrk asks for one path after the other, and all of them are one pull. Any answer but 200 fails the run. */
export async function pullLoad(
  base: string,
  paths: readonly string[],
  dir: string,
  seconds: number,
): Promise<number> {
  const script = join(dir, 'pull.lua');
  const list = paths.map((path) => `"${new URL(base).pathname}/${path}"`).join(', ');
  writeFileSync(
    script,
    `local paths = { ${list} }
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
`,
  );
  const accept = 'Accept: application/vnd.oci.image.manifest.v1+json';
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-H', accept, '-s', script];
  const { code, out, err } = await run('wrk', [...args, new URL(base).origin]);
  const found = /Requests\/sec:\s+([\d.]+)/.exec(out)?.[1];
  if (code !== 0 || found === undefined || /Non-2xx|Socket errors/.test(out)) {
    throw new Error(`wrk ${base}: ${out}${err}`);
  }
  return Number(found) / paths.length;
}
