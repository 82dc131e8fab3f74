import { type CheckOf, ofFacts } from './check.ts';

/** `22`, `22/tcp`, `20-30/tcp` (OCI image spec, `ExposedPorts`; Docker's ranges). */
const form = /^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:\/(tcp))?$/i;
const ssh = 22;

export const exposesSsh: CheckOf = {
  id: 'exposes-ssh',
  version: 1,
  find: ofFacts(({ exposedPorts }) => {
    const found = exposedPorts.find((port) => {
      const [, first, last = first] = form.exec(port) ?? [];
      return Number(first) <= ssh && ssh <= Number(last);
    });
    return found === undefined ? null : `the config exposes the port of SSH (${found})`;
  }),
};
