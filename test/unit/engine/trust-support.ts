import { EventEmitter } from "node:events";

/** A client and the crypto layer of the SDK as far as verifying goes; no cryptography in it. */

export const USER = "@kim:one.test";
export const DEVICE = "FERRY";

export interface FakeDevice {
  signed: boolean;
  name?: string;
  dehydrated?: boolean;
}

/** What the account's devices are is changed by tests as they go. */
export function fakeClient(devices: Record<string, FakeDevice>, crypto: Record<string, unknown> = {}) {
  const backend = {
    getDeviceVerificationStatus: async (_user: string, id: string) => {
      const device = devices[id];
      return device ? { signedByOwner: device.signed, crossSigningVerified: device.signed } : null;
    },
    getUserDeviceInfo: async () => {
      const known = Object.entries(devices).map(([id, { name, dehydrated }]) => {
        return [id, { displayName: name, dehydrated: dehydrated ?? false }] as const;
      });
      return new Map([[USER, new Map(known)]]);
    },
    ...crypto,
  };
  return Object.assign(new EventEmitter(), {
    getSafeUserId: () => USER,
    getDeviceId: () => DEVICE,
    getCrypto: () => backend,
    isInitialSyncComplete: (): boolean => true,
  });
}
