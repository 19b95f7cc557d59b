import type { RoomId } from "../../../main/matrix/ids.ts";
import type { LinkPlan } from "../../../main/protocol/control.ts";

/** Whether the user has agreed to every room that would show encrypted messages to others. */
export function areTicked(plan: LinkPlan, ticked: ReadonlySet<RoomId>): boolean {
  return plan.exposures.every(({ roomId }) => ticked.has(roomId));
}

/** Puts the focus on the first room that the user has not agreed to. */
export function focusUnticked(within: HTMLElement | null | undefined): void {
  within?.querySelector<HTMLElement>('input[type="checkbox"]:not(:checked)')?.focus();
}
