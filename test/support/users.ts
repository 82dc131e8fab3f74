import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import bcrypt from 'bcrypt';

/** An htpasswd file in which everybody's password is `pw-` and the name. */
export function writeUsers(folder: string, users: readonly string[]): string {
  const file = join(folder, 'htpasswd');
  writeFileSync(file, users.map((user) => `${user}:${bcrypt.hashSync(`pw-${user}`, 4)}\n`).join(''));
  return file;
}

export function basicOf(user: string): string {
  return `Basic ${Buffer.from(`${user}:pw-${user}`).toString('base64')}`;
}

/** A token of the proxy's own, for one user (null: nobody) and these scopes. */
export async function tokenOf(
  registry: string,
  user: string | null,
  ...scopes: readonly string[]
): Promise<string> {
  const query = new URLSearchParams({ service: 'pratique' });
  for (const scope of scopes) query.append('scope', scope);
  const headers = user === null ? {} : { Authorization: basicOf(user) };
  const answer = await fetch(`${registry}/auth/token?${query.toString()}`, { headers });
  if (!answer.ok)
    throw new Error(`no token for ${user ?? 'nobody'}: ${answer.status} ${await answer.text()}`);
  const { token } = (await answer.json()) as { token: string };
  return `Bearer ${token}`;
}
