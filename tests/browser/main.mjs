//   node main.mjs PROGRAM [PART_OF_A_NAME]
import { runAll } from './harness.mjs';
import './live_test.mjs';
import './list_test.mjs';
import './tree_test.mjs';
import './detail_test.mjs';
import './log_test.mjs';
import './navigation_test.mjs';
import './large_trace_test.mjs';
import './untrusted_text_test.mjs';
import './appearance_test.mjs';

process.exitCode = (await runAll(process.argv[2], process.argv[3])) === 0 ? 0 : 1;
