import { runCommand } from "./cli/program.ts";
import { systemEnvironment } from "./cli/system.ts";

/** The entry of the `ferry` command, started by main/bin/ferry.mjs. */

// Everything that Ferry writes is the user's alone, whoever writes it: SQLite, the browser, the log.
process.umask(0o077);
// The reader of a pipe may leave early (`ferry rooms | head`): that is no failure.
process.stdout.on("error", () => undefined);

const status = await runCommand(process.argv.slice(2), systemEnvironment());
// Standard input, or a browser that ends slowly, would keep the process; what was printed is written first.
process.stdout.write("", () => process.exit(status));
