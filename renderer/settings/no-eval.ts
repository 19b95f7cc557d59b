import { config } from "zod";

// The page's content security policy forbids to make code from text; zod would try, and the attempt would be reported.
config({ jitless: true });
