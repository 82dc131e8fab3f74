import { describeClient } from './support/client-suite.ts';
import { startOnContainersStorage } from './support/clients/containers-storage.ts';
import { haveAptPrograms } from './support/programs.ts';

describeClient({
  title: 'buildah',
  available: haveAptPrograms('skopeo', 'buildah'),
  start: (place) => startOnContainersStorage('buildah', place),
  says: {
    refused:
      /^Error: initializing source \S+: reading manifest 1 in \S+\/team\/bad: denied: Blocked by Pratique: \S+\/team\/bad:1: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\): Critical, and a fix exists\. What to do: Update the package to the fixed version/m,
    turned:
      /^Error: initializing source \S+: reading manifest 1 in \S+\/corp\/team\/clean: denied: Blocked by Pratique: registry\.corp\/team\/clean:1: CVE-2026-1003 critical in curl 7\.88-1 \(fixed in 9\)/m,
    // Behind the five requests of one try there are three more tries.
    notYet:
      /Failed, retrying in \S+ \.\.\. \(1\/3\)\. Error: .*toomanyrequests: registry\.corp\/team\/late:1 is not cleared yet: it is being inspected/,
    pushRefused:
      /^Error: .*uploading manifest 1 to \S+\/corp\/pushed\/bad: denied: Blocked by Pratique: registry\.corp\/pushed\/bad:1: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\)/m,
    notAllowed:
      /^Error: .*initiating layer upload to \S+ in \S+: denied: bob may not push hosted\/team\/secret/m,
    loggedOut: /^unauthorized: the token does not allow to push hosted\/team\/secret: log in first/m,
  },
});
