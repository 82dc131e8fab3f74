import { guide } from './control.ts';

/** CIS Docker Benchmark, section 4 (container images and build files); the same numbers in editions 1.2 to 1.7. */
export const cisDocker = guide('cis-docker', 'CIS Docker Benchmark', [
  ['4.1', 'Containers run as a user made for them, and not as root'],
  ['4.2', 'Base images are trusted ones'],
  ['4.3', 'Packages that are not needed are not installed'],
  ['4.4', 'Images are scanned, and rebuilt with security fixes'],
  ['4.5', 'Content trust is on'],
  ['4.6', 'Images have a HEALTHCHECK'],
  ['4.7', 'Package lists are not updated in a step of their own'],
  ['4.8', 'Programs with setuid or setgid are removed'],
  ['4.9', 'Build files use COPY and not ADD'],
  ['4.10', 'No secrets are kept in build files'],
  ['4.11', 'Only verified packages are installed'],
]);
