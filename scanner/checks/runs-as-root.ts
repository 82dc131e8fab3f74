import type { CheckOf } from './check.ts';

/** Container runtimes read digits with Go's Atoi, which takes a sign and leading zeros. */
const zero = /^[+-]?0+$/;

/** By the config alone: another name may still stand for 0 in the image's /etc/passwd. */
export const runsAsRoot: CheckOf = {
  id: 'runs-as-root',
  version: 1,
  find: ({ user }) => {
    if (user === null || user === '') return 'the config names no user, so it runs as root';
    const [name = ''] = user.split(':', 1);
    if (name !== '' && name !== 'root' && !zero.test(name)) return null;
    return `the config names the user "${name.slice(0, 60)}", which is root`;
  },
};
