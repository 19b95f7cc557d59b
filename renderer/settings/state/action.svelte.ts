import { asFerryError, type FerryError } from "../../../main/matrix/errors.ts";

/** Something that main is asked to do: one at a time, shown while it lasts, and its failure kept until the next try. */
export class Action {
  isBusy = $state(false);
  failure: FerryError | null = $state.raw(null);

  /** @returns whether it has succeeded; what went wrong stands in `failure` */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.failure = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.failure = asFerryError(error);
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  clear(): void {
    this.failure = null;
  }
}
