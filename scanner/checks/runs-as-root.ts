import type { CheckOf } from './check.ts';
import { printable } from './text.ts';

/** Container runtimes read digits with Go's Atoi, which takes a sign and leading zeros. */
const zero = /^[+-]?0+$/;

/** By the config, and by the uppermost layer that has an /etc/passwd. */
export const runsAsRoot: CheckOf = {
  id: 'runs-as-root',
  version: 2,
  find: ({ facts, layers }) => {
    if (facts === null) return [];
    const { user } = facts;
    if (user === null || user === '') return [{ detail: 'the config names no user, so it runs as root' }];
    const [name = ''] = user.split(':', 1);
    const rootNames = layers.findLast(({ checks }) => checks.rootNames !== null)?.checks.rootNames ?? [];
    const told = printable(name.slice(0, 60));
    if (name === '' || name === 'root' || zero.test(name)) {
      return [{ detail: `the config names the user "${told}", which is root` }];
    }
    if (!rootNames.includes(name)) return [];
    return [{ detail: `the config names the user "${told}", which /etc/passwd gives the number of root` }];
  },
};
