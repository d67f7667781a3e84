/** The application as a process: `backend-process.ts ADDRESS:PORT NAME JOURNAL`. */
import { createBackend } from './backend.ts';

const [listen = '', name = '', journal = ''] = process.argv.slice(2);
const [, host = '', port = ''] = /^\[?([^\]]+)\]?:(\d+)$/.exec(listen) ?? [];
createBackend({ name, journal }).listen(Number(port), host, () => process.stdout.write('listening\n'));
process.on('SIGTERM', () => process.exit(0));
