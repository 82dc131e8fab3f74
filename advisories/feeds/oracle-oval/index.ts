import type { FeedDefinition } from '../feed.ts';
import { readRecordsOfXml } from '../xml-records.ts';
import { parseDefinition } from './parse.ts';

const path = 'com.oracle.elsa-all.xml.bz2';

/** All advisories of Oracle Linux as OVAL definitions. */
export const oracleOval: FeedDefinition = {
  name: 'oracle-oval',
  publisher: 'Oracle',
  licence: 'Copyright Oracle, free to use with Oracle Linux (no licence is named in the files)',
  remote: () => Promise.resolve([{ path, url: `https://linux.oracle.com/security/oval/${path}` }]),
  read: (files) =>
    readRecordsOfXml(files, {
      packing: 'bzip2',
      what: 'a bzip2 file of OVAL definitions',
      root: 'oval_definitions',
      wanted: 'definition',
      parse: () => parseDefinition,
    }),
};
