import { createInterface, type Interface } from "node:readline";

/** Standard input as the commands use it: lines of a pipe, or questions at a terminal. */
export interface Terminal {
  readonly interactive: boolean;
  /** The next line of what is piped in, or null at its end. */
  readLine(): Promise<string | null>;
  /** Asks without showing what is typed. */
  askHidden(question: string): Promise<string>;
  askYesOrNo(question: string): Promise<boolean>;
}

const ENTER = /[\r\n]/;
const INTERRUPT = "\u0003";
const END_OF_INPUT = "\u0004";
const ERASE = /[\b\u007f]/;

/** Questions go to standard error: standard output is for the answer of the command. */
export function openTerminal(input: NodeJS.ReadStream, questions: NodeJS.WriteStream): Terminal {
  let lines: AsyncIterator<string, undefined> | undefined;
  return {
    interactive: input.isTTY === true,
    readLine: async () => {
      // One reader for the whole run: it may have read more lines at once than were asked for.
      lines ??= createInterface({ input })[Symbol.asyncIterator]();
      const next = await lines.next();
      return next.done === true ? null : next.value;
    },
    askHidden: (question) => askHidden(input, questions, question),
    askYesOrNo: async (question) => {
      const reader = createInterface({ input, output: questions });
      const answer = await ask(reader, `${question} [y/N] `);
      return /^y(es)?$/i.test(answer.trim());
    },
  };
}

function ask(reader: Interface, question: string): Promise<string> {
  return new Promise((resolve) => {
    // Ended input is no answer, and no answer is no.
    reader.once("close", () => resolve(""));
    reader.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
    reader.question(question, (answer) => {
      resolve(answer);
      reader.close();
    });
  });
}

function askHidden(input: NodeJS.ReadStream, questions: NodeJS.WriteStream, question: string): Promise<string> {
  questions.write(question);
  input.setRawMode(true);
  input.setEncoding("utf8");
  input.resume();
  return new Promise((resolve) => {
    let typed: string[] = [];
    const finish = (): void => {
      input.off("data", onData);
      input.setRawMode(false);
      input.pause();
      questions.write("\n");
    };
    const onData = (chunk: string): void => {
      for (const character of chunk) {
        if (ENTER.test(character) || character === END_OF_INPUT) {
          finish();
          resolve(typed.join(""));
          return;
        }
        if (character === INTERRUPT) {
          finish();
          process.kill(process.pid, "SIGINT");
          return;
        }
        if (ERASE.test(character)) typed = typed.slice(0, -1);
        else typed.push(character);
      }
    };
    input.on("data", onData);
  });
}
