import { describeClient } from './support/client-suite.ts';
import { saysOnContainersStorage, startOnContainersStorage } from './support/clients/containers-storage.ts';
import { haveAptPrograms } from './support/programs.ts';

describeClient({
  title: 'buildah',
  available: haveAptPrograms('skopeo', 'buildah'),
  start: (place) => startOnContainersStorage('buildah', place),
  says: saysOnContainersStorage,
});
