import { describeClient } from './support/client-suite.ts';
import { startDockerd } from './support/clients/dockerd.ts';
import { haveNamespaces } from './support/namespace.ts';
import { haveAptPrograms } from './support/programs.ts';

describeClient({
  title: 'the Docker daemon',
  available: haveAptPrograms('skopeo', 'dockerd', 'docker') && haveNamespaces('dockerd'),
  start: (place) => startDockerd(place),
  says: {
    // The words up to "denied" are Docker's own for every refusal of a pull.
    refused:
      /^Error response from daemon: pull access denied for \S+\/team\/bad, repository does not exist or may require 'docker login': denied: Blocked by Pratique: \S+\/team\/bad:1: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\): Critical, and a fix exists\. What to do: Update the package to the fixed version/,
    turned:
      /^Error response from daemon: pull access denied for \S+\/corp\/team\/clean, .*: denied: Blocked by Pratique: registry\.corp\/team\/clean:1: CVE-2026-1003 critical in curl 7\.88-1 \(fixed in 9\)/,
    notYet:
      /^Error response from daemon: toomanyrequests: registry\.corp\/team\/late:1 is not cleared yet: it is being inspected/,
    pushRefused:
      /^denied: Blocked by Pratique: registry\.corp\/pushed\/bad:1: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\)/m,
    notAllowed: /^denied: bob may not push hosted\/team\/secret/m,
    loggedOut: /^denied: the token does not allow to push hosted\/team\/secret: log in first/m,
  },
});
