/** Version of this agent, as reports name it; equal to package.json's. */
export const agentVersion = '0.1.0';
