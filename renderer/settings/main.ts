// First: schemas decide when they are made.
import "./no-eval.ts";
import { mount } from "svelte";
import type { Channel } from "../../main/protocol/rpc.ts";
import App from "./App.svelte";
import { Ferry } from "./state/ferry.svelte.ts";
import { keepFocus } from "./state/focus.ts";
import "./style.css";

/** The host's end of the channel: text to main, text from main, nothing else. */
const { ferry: channel } = window as unknown as { ferry: Channel };

const target = document.getElementById("app");
if (!target) throw new Error("The page has no place for the application.");
keepFocus(document);
mount(App, { target, props: { ferry: new Ferry(channel) } });
