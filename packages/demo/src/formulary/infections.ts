import { medicines } from './item.js'

/** Treatment and prevention of malaria. */
export const antimalarials = medicines('antimalarials', [
  ['ARLU-TAB-140', 'Artemether + lumefantrine', '20 mg + 120 mg', 'tablet', 'P01BF01', 1440],
  [
    'ARLU-DT-140',
    'Artemether + lumefantrine',
    '20 mg + 120 mg',
    'dispersible tablet',
    'P01BF01',
    720,
  ],
  ['ASAQ-TAB-370', 'Artesunate + amodiaquine', '100 mg + 270 mg', 'tablet', 'P01BF03', 180],
  [
    'DHPQ-TAB-360',
    'Dihydroartemisinin + piperaquine phosphate',
    '40 mg + 320 mg',
    'tablet',
    'P01BF05',
    180,
  ],
  ['ARTS-INJ-60', 'Artesunate', '60 mg', 'powder for injection', 'P01BE03', 80],
  ['ARTS-SUP-100', 'Artesunate', '100 mg', 'suppository', 'P01BE03', 40],
  ['ARTM-INJ-80', 'Artemether', '80 mg/mL', 'solution for injection', 'P01BE02', 30],
  ['QUIN-TAB-300', 'Quinine sulfate', '300 mg', 'tablet', 'P01BC01', 250],
  [
    'QUIN-INJ-600',
    'Quinine dihydrochloride',
    '300 mg/mL, 2 mL',
    'solution for injection',
    'P01BC01',
    40,
  ],
  ['PRIM-TAB-15', 'Primaquine', '15 mg', 'tablet', 'P01BA03', 150],
  ['CHLQ-TAB-150', 'Chloroquine', '150 mg', 'tablet', 'P01BA01', 200],
  ['SUPY-TAB-525', 'Sulfadoxine + pyrimethamine', '500 mg + 25 mg', 'tablet', 'P01BD51', 300],
])

/** HIV treatment, prevention of transmission and pre-exposure prophylaxis. */
export const antiretrovirals = medicines('antiretrovirals', [
  [
    'TLD-TAB-650',
    'Dolutegravir + lamivudine + tenofovir disoproxil',
    '50 mg + 300 mg + 300 mg',
    'tablet',
    'J05AR27',
    2700,
  ],
  [
    'TLE-TAB-1000',
    'Efavirenz + lamivudine + tenofovir disoproxil',
    '400 mg + 300 mg + 300 mg',
    'tablet',
    'J05AR11',
    600,
  ],
  ['ABLA-DT-180', 'Abacavir + lamivudine', '120 mg + 60 mg', 'dispersible tablet', 'J05AR02', 600],
  ['DOLU-DT-10', 'Dolutegravir', '10 mg', 'dispersible tablet', 'J05AJ03', 540],
  ['DOLU-TAB-50', 'Dolutegravir', '50 mg', 'tablet', 'J05AJ03', 300],
  ['LAZI-TAB-450', 'Lamivudine + zidovudine', '150 mg + 300 mg', 'tablet', 'J05AR01', 600],
  [
    'EMTE-TAB-500',
    'Emtricitabine + tenofovir disoproxil',
    '200 mg + 300 mg',
    'tablet',
    'J05AR03',
    450,
  ],
  ['LORI-TAB-250', 'Lopinavir + ritonavir', '200 mg + 50 mg', 'tablet', 'J05AR10', 360],
  ['ATRI-TAB-400', 'Atazanavir + ritonavir', '300 mg + 100 mg', 'tablet', 'J05AR23', 300],
  ['NEVI-SUS-50', 'Nevirapine', '50 mg/5 mL', 'oral suspension', 'J05AG01', 30],
  ['ZIDO-SOL-50', 'Zidovudine', '50 mg/5 mL', 'oral solution', 'J05AF01', 20],
])

/** Antivirals other than for HIV. */
export const antivirals = medicines('antivirals', [
  ['ACIC-TAB-200', 'Aciclovir', '200 mg', 'tablet', 'J05AB01', 250],
  ['TENO-TAB-300', 'Tenofovir disoproxil', '300 mg', 'tablet', 'J05AF07', 300],
  ['OSEL-CAP-75', 'Oseltamivir', '75 mg', 'capsule', 'J05AH02', 50],
])

/** First- and second-line tuberculosis, prevention, and leprosy. */
export const tuberculosis = medicines('tuberculosis', [
  [
    'RHZE-TAB-900',
    'Rifampicin + isoniazid + pyrazinamide + ethambutol',
    '150 mg + 75 mg + 400 mg + 275 mg',
    'tablet',
    'J04AM06',
    1200,
  ],
  [
    'RHZ-DT-275',
    'Rifampicin + isoniazid + pyrazinamide',
    '75 mg + 50 mg + 150 mg',
    'dispersible tablet',
    'J04AM05',
    400,
  ],
  ['RH-TAB-225', 'Rifampicin + isoniazid', '150 mg + 75 mg', 'tablet', 'J04AM02', 1200],
  ['RH-DT-125', 'Rifampicin + isoniazid', '75 mg + 50 mg', 'dispersible tablet', 'J04AM02', 400],
  ['ISON-TAB-300', 'Isoniazid', '300 mg', 'tablet', 'J04AC01', 900],
  ['RIFA-CAP-300', 'Rifampicin', '300 mg', 'capsule', 'J04AB02', 200],
  ['RIPE-TAB-150', 'Rifapentine', '150 mg', 'tablet', 'J04AB05', 240],
  ['ETHA-TAB-400', 'Ethambutol', '400 mg', 'tablet', 'J04AK02', 200],
  ['PYRA-TAB-400', 'Pyrazinamide', '400 mg', 'tablet', 'J04AK01', 200],
  ['BEDA-TAB-100', 'Bedaquiline', '100 mg', 'tablet', 'J04AK05', 60],
  ['PRET-TAB-200', 'Pretomanid', '200 mg', 'tablet', 'J04AK08', 30],
  ['LINE-TAB-600', 'Linezolid', '600 mg', 'tablet', 'J01XX08', 60, { aware: 'reserve' }],
  ['LEVO-TAB-250', 'Levofloxacin', '250 mg', 'tablet', 'J01MA12', 120, { aware: 'watch' }],
  ['CLOF-CAP-100', 'Clofazimine', '100 mg', 'capsule', 'J04BA01', 60],
  ['DAPS-TAB-100', 'Dapsone', '100 mg', 'tablet', 'J04BA02', 60],
])

/** Systemic and mucosal antifungals. */
export const antifungals = medicines('antifungals', [
  ['FLUC-CAP-50', 'Fluconazole', '50 mg', 'capsule', 'J02AC01', 150],
  ['NYST-SUS-100', 'Nystatin', '100 000 IU/mL', 'oral suspension', 'A07AA02', 30],
  ['GRIS-TAB-250', 'Griseofulvin', '250 mg', 'tablet', 'D01BA01', 200],
  ['CLTR-VAG-500', 'Clotrimazole', '500 mg', 'vaginal tablet', 'G01AF02', 50],
])

/** Worms, schistosomes, amoebae and skin parasites. */
export const antiparasitics = medicines('antiparasitics', [
  ['ALBE-TAB-400', 'Albendazole', '400 mg', 'chewable tablet', 'P02CA03', 400],
  ['MEBE-TAB-500', 'Mebendazole', '500 mg', 'chewable tablet', 'P02CA01', 300],
  ['IVER-TAB-3', 'Ivermectin', '3 mg', 'tablet', 'P02CF01', 200],
  ['PRAZ-TAB-600', 'Praziquantel', '600 mg', 'tablet', 'P02BA01', 240],
  ['NICL-TAB-500', 'Niclosamide', '500 mg', 'chewable tablet', 'P02DA01', 60],
  ['TINI-TAB-500', 'Tinidazole', '500 mg', 'tablet', 'P01AB02', 120],
  ['PERM-CRM-5', 'Permethrin', '5 %', 'cream', 'P03AC04', 40],
  ['BZBZ-LOT-25', 'Benzyl benzoate', '25 %', 'lotion', 'P03AX01', 30],
])
