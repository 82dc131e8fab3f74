import { type Closure, closureOf, type ImportEdge } from './closure.ts';

/** The command line, from which everything begins. */
const entry = 'dist/app/cli.js';
/** Of what the command line loads when it comes to it, what the webhook's image can do. */
const commands: ReadonlySet<string> = new Set(['./serve.js']);
/** Whose late imports are commands. */
const commandFile = /^dist\/app\/commands\/([a-z]+-)*program\.js$/;
/** What `serve` loads where it has more roles. */
const wholeServer = './serve-all.js';

/** What `pratique serve --roles webhook` needs of a built checkout: no scanner, no console, no other command. */
export function webhookClosure(root: string): Closure {
  return closureOf(root, entry, isFollowed);
}

function isFollowed({ from, specifier, late }: ImportEdge): boolean {
  if (!late) return true;
  if (commandFile.test(from)) return commands.has(specifier);
  return specifier !== wholeServer;
}
