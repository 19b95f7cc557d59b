import { testJourney } from "../settings/journey.ts";

testJourney("keyboard");
