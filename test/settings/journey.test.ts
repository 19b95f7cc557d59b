import { testJourney } from "./journey.ts";

testJourney("mouse");
