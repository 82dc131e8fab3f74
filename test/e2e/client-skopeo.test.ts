import { describeClient } from './support/client-suite.ts';
import { startSkopeo } from './support/clients/skopeo.ts';
import { haveAptPrograms } from './support/programs.ts';

describeClient({
  title: 'skopeo',
  available: haveAptPrograms('skopeo'),
  start: startSkopeo,
  says: {
    refused:
      /reading manifest 1 in \S+\/team\/bad: denied: Blocked by Pratique: \S+\/team\/bad:1: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\): Critical, and a fix exists\. What to do: Update the package to the fixed version/,
    turned:
      /reading manifest 1 in \S+\/corp\/team\/clean: denied: Blocked by Pratique: registry\.corp\/team\/clean:1: CVE-2026-1003 critical in curl 7\.88-1 \(fixed in 9\)/,
    notYet:
      /reading manifest 1 in \S+\/corp\/team\/late: toomanyrequests: registry\.corp\/team\/late:1 is not cleared yet: it is being inspected/,
    pushRefused:
      /uploading manifest 1 to \S+\/corp\/pushed\/bad: denied: Blocked by Pratique: registry\.corp\/pushed\/bad:1: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\)/,
    notAllowed: /initiating layer upload to \S+ in \S+: denied: bob may not push hosted\/team\/secret/,
    loggedOut: /unauthorized: the token does not allow to push hosted\/team\/secret: log in first/,
  },
});
