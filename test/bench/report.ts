import type { CatchingUp } from "./catching-up.ts";
import { rounded } from "./figures.ts";
import type { Latency } from "./latency.ts";
import type { Memory } from "./memory.ts";
import type { WindowTimes } from "./window.ts";

export interface Results {
  messages: number;
  pairs: number;
  starting: { readyMs: number; toFirstCopyMs: number };
  memoryIdle: Memory | null;
  /** Between clients in Node, with their keys in memory. */
  latency: Latency;
  /** Between clients in browsers, with their keys on disk, as Ferry's own. */
  browserLatency: Latency;
  catchingUp: CatchingUp;
  window: WindowTimes;
}

/** The figures by name: milliseconds in `_ms`, megabytes in `_mb`, and what is compared within this run in `_ratio`. */
export function figuresOf(results: Results): Record<string, number | null> {
  const { starting, memoryIdle, latency, browserLatency, catchingUp, window, messages, pairs } = results;
  const { memoryAfter } = catchingUp;
  const growth = memoryIdle && memoryAfter && total(memoryAfter) / total(memoryIdle);
  return {
    messages,
    pairs,
    bare_hop_ms: rounded(browserLatency.bareHopMs, 1),
    mirrored_ms: rounded(browserLatency.mirroredMs, 1),
    mirrored_latency_ratio: rounded(browserLatency.mirroredMs / (2 * browserLatency.bareHopMs), 3),
    memory_client_bare_hop_ms: rounded(latency.bareHopMs, 1),
    memory_client_mirrored_ms: rounded(latency.mirroredMs, 1),
    memory_client_mirrored_latency_ratio: rounded(latency.mirroredMs / (2 * latency.bareHopMs), 3),
    bare_sends_ms: rounded(catchingUp.bareSendsMs, 0),
    catch_up_ms: rounded(catchingUp.catchUpMs, 0),
    catch_up_from_start_ms: rounded(catchingUp.catchUpFromStartMs, 0),
    catching_up_ratio: rounded(catchingUp.catchUpMs / catchingUp.bareSendsMs, 3),
    start_ready_ms: rounded(starting.readyMs, 0),
    start_to_first_copy_ms: rounded(starting.toFirstCopyMs, 0),
    window_empty_ms: rounded(window.emptyMs, 0),
    window_50_links_ms: rounded(window.fullMs, 0),
    window_ratio: rounded(window.fullMs / window.emptyMs, 3),
    search_200_rooms_ms: rounded(window.fewRoomsMs, 0),
    search_3000_rooms_ms: rounded(window.manyRoomsMs, 0),
    search_ratio: rounded(window.manyRoomsMs / window.fewRoomsMs, 3),
    memory_idle_main_mb: megabytes(memoryIdle?.main),
    memory_idle_engine_mb: megabytes(memoryIdle?.engine),
    memory_after_main_mb: megabytes(memoryAfter?.main),
    memory_after_engine_mb: megabytes(memoryAfter?.engine),
    memory_growth_ratio: growth === null ? null : rounded(growth, 3),
  };
}

const ROWS: readonly (readonly [label: string, field: string, unit: string])[] = [
  ["One hop within an encrypted room, browser to browser", "bare_hop_ms", "ms"],
  ["From room to room through Ferry, likewise", "mirrored_ms", "ms"],
  ["  against two hops", "mirrored_latency_ratio", ""],
  ["One hop between clients with their keys in memory", "memory_client_bare_hop_ms", "ms"],
  ["From room to room through Ferry, likewise", "memory_client_mirrored_ms", "ms"],
  ["  against two hops", "memory_client_mirrored_latency_ratio", ""],
  ["Sending the messages bare", "bare_sends_ms", "ms"],
  ["Catching up on as many", "catch_up_ms", "ms"],
  ["  from the start of the process", "catch_up_from_start_ms", "ms"],
  ["  against sending them bare", "catching_up_ratio", ""],
  ["From start to ready", "start_ready_ms", "ms"],
  ["From start to first copy", "start_to_first_copy_ms", "ms"],
  ["Opening the window's page, with nothing to show", "window_empty_ms", "ms"],
  ["With 50 links, in an account of 1,000 rooms", "window_50_links_ms", "ms"],
  ["  against with nothing", "window_ratio", ""],
  ["Going through 200 rooms by 200 keys, and searching", "search_200_rooms_ms", "ms"],
  ["Through 3,000", "search_3000_rooms_ms", "ms"],
  ["  against 200", "search_ratio", ""],
  ["Memory of main, idle", "memory_idle_main_mb", "MB"],
  ["Memory of the engine, idle", "memory_idle_engine_mb", "MB"],
  ["Memory of main, after the run", "memory_after_main_mb", "MB"],
  ["Memory of the engine, after the run", "memory_after_engine_mb", "MB"],
  ["  against idle, both together", "memory_growth_ratio", ""],
];

/** The figures for people to read. */
export function table(figures: Record<string, number | null>): string {
  const widest = Math.max(...ROWS.map(([label]) => label.length));
  const rows = ROWS.map(([label, field, unit]) => {
    const value = figures[field] ?? "not measured here";
    return `${label.padEnd(widest)}  ${String(value).padStart(9)} ${unit}`.trimEnd();
  });
  return [`${figures["messages"]} messages, ${figures["pairs"]} pairs of hops`, ...rows].join("\n");
}

/** Which process used the processor while Ferry caught up, for people to read. */
export function profile(processorMs: ReadonlyMap<string, number>): string {
  const rows = [...processorMs].filter(([, ms]) => ms >= 0.1).sort(([, one], [, other]) => other - one);
  const lines = rows.map(([kind, ms]) => `  ${ms.toFixed(1).padStart(6)} ms  ${kind}`);
  return ["Processor time for each message caught up", ...lines].join("\n");
}

function total(memory: Memory): number {
  return memory.main + memory.engine;
}

function megabytes(value: number | undefined): number | null {
  return value === undefined ? null : rounded(value, 1);
}
