/** What the page says that explains how a tablet comes to trust this server. */
export interface TrustWords {
  readonly title: string
  readonly why: string
  readonly download: string
  readonly compare: string
  readonly steps: readonly { readonly device: string; readonly lines: readonly string[] }[]
  readonly open: string
  readonly opensItself: string
  readonly other: string
}

export type TrustLanguage = 'en' | 'sw'

export const TRUST_WORDS: Readonly<Record<TrustLanguage, TrustWords>> = {
  en: {
    title: 'Make this device trust the stock server',
    why: 'Do this once on each device. Passwords then travel encrypted, and the page opens without a network.',
    download: 'Download the certificate',
    compare:
      'Compare these letters with those on the paper from the person who set up the server. If they differ, stop and tell that person.',
    steps: [
      {
        device: 'Android',
        lines: [
          'Tap the button above; the file is saved in Downloads.',
          'Open Settings and search for "CA certificate".',
          'Tap "Install anyway" and choose the file uzima-authority.crt.',
        ],
      },
      {
        device: 'iPad and iPhone',
        lines: [
          'Open this page in Safari, tap the button above, then "Allow".',
          'Open Settings, tap "Profile Downloaded", then "Install".',
          'Go to Settings, General, About, Certificate Trust Settings, and switch on the one that begins with Uzima.',
        ],
      },
      {
        device: 'Windows',
        lines: [
          'Click the button above and open the file.',
          'Click "Install Certificate", choose "Local Machine" or "Current User".',
          'Choose "Place all certificates in the following store", then "Trusted Root Certification Authorities".',
          'Close the browser and open it again.',
        ],
      },
      {
        device: 'Chromebook',
        lines: [
          'Click the button above.',
          'Open Chrome settings, Privacy and security, Security, Manage certificates, Authorities.',
          'Click "Import", choose the file, and tick "Trust this certificate for identifying websites".',
        ],
      },
    ],
    open: 'Open the stock',
    opensItself: 'This page opens the stock by itself once the device trusts the server.',
    other: 'Kiswahili',
  },
  sw: {
    title: 'Fanya kifaa hiki kiiamini seva ya bohari',
    why: 'Fanya hivi mara moja kwenye kila kifaa. Nywila zitasafiri zikiwa zimefichwa, na ukurasa utafunguka bila mtandao.',
    download: 'Pakua cheti',
    compare:
      'Linganisha herufi hizi na zile za karatasi ya mtu aliyeandaa seva. Zikitofautiana, acha na umwambie mtu huyo.',
    steps: [
      {
        device: 'Android',
        lines: [
          'Gusa kitufe cha juu; faili litahifadhiwa katika Downloads.',
          'Fungua Mipangilio (Settings) na utafute "CA certificate".',
          'Gusa "Install anyway" na uchague faili uzima-authority.crt.',
        ],
      },
      {
        device: 'iPad na iPhone',
        lines: [
          'Fungua ukurasa huu kwa Safari, gusa kitufe cha juu, kisha "Allow".',
          'Fungua Settings, gusa "Profile Downloaded", kisha "Install".',
          'Nenda Settings, General, About, Certificate Trust Settings, na uwashe cheti kinachoanza na Uzima.',
        ],
      },
      {
        device: 'Windows',
        lines: [
          'Bofya kitufe cha juu na ufungue faili.',
          'Bofya "Install Certificate", chagua "Local Machine" au "Current User".',
          'Chagua "Place all certificates in the following store", kisha "Trusted Root Certification Authorities".',
          'Funga kivinjari na ukifungue tena.',
        ],
      },
      {
        device: 'Chromebook',
        lines: [
          'Bofya kitufe cha juu.',
          'Fungua mipangilio ya Chrome: Privacy and security, Security, Manage certificates, Authorities.',
          'Bofya "Import", chagua faili, na uweke alama kwenye "Trust this certificate for identifying websites".',
        ],
      },
    ],
    open: 'Fungua bohari',
    opensItself: 'Ukurasa huu utafungua bohari wenyewe kifaa kikishaiamini seva.',
    other: 'English',
  },
}
