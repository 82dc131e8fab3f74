import { type FileFacts, onlyIncomplete } from '../cataloger.ts';
import { fieldsOf } from './fields.ts';

/** os-release(5). */
export function parseOsRelease(path: string, content: Buffer): FileFacts {
  const fields = fieldsOf(content.toString('utf8'));
  const id = fields.get('ID') ?? '';
  if (id === '') return onlyIncomplete(path, 'it has no ID');
  const versionId = fields.get('VERSION_ID') ?? '';
  const name = fields.get('PRETTY_NAME') ?? `${fields.get('NAME') ?? id} ${versionId}`.trim();
  return { packages: [], os: { id: id.toLowerCase(), versionId, name }, incomplete: [] };
}
