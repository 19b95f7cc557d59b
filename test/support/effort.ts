/**
 * How hard tests try that could try for ever: 1 is a quick witness, as in `npm test`; 10 takes minutes, as in continuous
 * integration; 100 takes hours (`npm run test:long`).
 */
export const EFFORT = Number(process.env["FERRY_EFFORT"] || 1);
