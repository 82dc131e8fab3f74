import { type Logger, pino } from 'pino';

/** Characters that wait to be written; lines beyond them are lost, and told by their number. */
const mostWaiting = 8 * 1024 * 1024;

/**
 * The log of `serve`. Where whoever reads standard output is slow, lines wait in memory: written at once, each full pipe
 * would stop the whole process for 100 ms, and every gate with it (ADR 0039). What waits is written before the process ends.
 * @param write takes single lines; standard output if left out
 */
export function openLog(level: string, write?: (line: string) => void): Logger {
  const options = { level, timestamp: pino.stdTimeFunctions.isoTime };
  if (write !== undefined) return pino(options, { write });
  const output = pino.destination({ dest: 1, sync: false, maxLength: mostWaiting });
  const logger = pino(options, output);
  let lost = 0;
  output.on('drop', () => {
    lost += 1;
  });
  output.on('drain', () => {
    if (lost === 0) return;
    const lines = lost;
    lost = 0;
    logger.warn({ lines }, 'lines of the log were lost: nobody read them fast enough');
  });
  return logger;
}
