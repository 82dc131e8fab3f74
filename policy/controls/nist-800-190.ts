import { guide } from './control.ts';

/** NIST SP 800-190 (September 2017): risks (section 3) and countermeasures (section 4) that images have a part in. */
export const nist800190 = guide('nist-800-190', 'NIST SP 800-190', [
  ['3.1.1', 'Risk: images with known vulnerabilities'],
  ['3.1.2', 'Risk: images that are configured badly'],
  ['3.1.3', 'Risk: images with malware inside'],
  ['3.1.4', 'Risk: secrets kept in images'],
  ['3.1.5', 'Risk: images that nobody vouches for'],
  ['3.2.2', 'Risk: images in registries that are out of date'],
  ['3.4.4', 'Risk: vulnerable applications in containers'],
  ['3.4.5', 'Risk: containers that nobody planned'],
  ['4.1.1', 'Countermeasure: images are checked for vulnerabilities at every stage, and gates act on it'],
  ['4.1.2', 'Countermeasure: images are checked against good configuration'],
  ['4.1.3', 'Countermeasure: images are watched for malware'],
  ['4.1.4', 'Countermeasure: secrets are kept outside of images'],
  ['4.1.5', 'Countermeasure: only images and registries that are trusted are used'],
  ['4.2.2', 'Countermeasure: images that are out of date are removed or no longer used'],
  ['4.4.4', 'Countermeasure: vulnerable applications in containers are found and stopped'],
]);
