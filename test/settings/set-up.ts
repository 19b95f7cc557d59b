import { afterEach } from "vitest";
import { releaseWindow } from "../support/kept-window.ts";

/** Runs for each file of the window's tests. */

afterEach(({ task }) => releaseWindow(task.result?.state === "fail"));
