import { Hooks } from "./Hooks";
import { Schedules } from "./Schedules";

/** What starts campaigns by itself: the clock, and other programs. */
export const Starts = () => <div className="grid gap-4 xl:grid-cols-2"><Schedules /><Hooks /></div>;
