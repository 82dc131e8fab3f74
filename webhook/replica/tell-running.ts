import { type RunningReport, runningSchemaVersion } from '../../core/ports/sightings.ts';
import { misbehaved, type ProxyClient } from './client.ts';

/** Milliseconds: a part may have two megabytes. */
const within = 30_000;
/** Bytes of an answer. */
const longest = 64 * 1024;

/**
 * Tells the proxy what runs in the cluster; whoever calls it tries again.
 * @throws PratiqueError `proxy-unreachable`, `proxy-refused`, `proxy-misbehaved`
 */
export async function tellRunning(client: ProxyClient, report: RunningReport): Promise<void> {
  const { status, value } = await client.ask({
    ...({ method: 'POST', path: '/gates/v1/running', longest } as const),
    body: { schemaVersion: runningSchemaVersion, ...report },
    milliseconds: within,
  });
  if (status < 200 || status > 299) {
    throw misbehaved(`it answers ${status} to /gates/v1/running: ${JSON.stringify(value).slice(0, 200)}`);
  }
}
