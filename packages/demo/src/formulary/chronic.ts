import { medicines } from './item.js'

/** Hypertension, heart failure, ischaemic heart disease and anticoagulation. */
export const cardiovascular = medicines('cardiovascular', [
  ['AMLO-TAB-5', 'Amlodipine', '5 mg', 'tablet', 'C08CA01', 1500],
  ['ENAL-TAB-5', 'Enalapril', '5 mg', 'tablet', 'C09AA02', 900],
  ['LOSA-TAB-50', 'Losartan', '50 mg', 'tablet', 'C09CA01', 900],
  ['HCTZ-TAB-25', 'Hydrochlorothiazide', '25 mg', 'tablet', 'C03AA03', 900],
  ['FURO-TAB-40', 'Furosemide', '40 mg', 'tablet', 'C03CA01', 400],
  ['FURO-INJ-20', 'Furosemide', '10 mg/mL, 2 mL', 'solution for injection', 'C03CA01', 40],
  ['SPIR-TAB-25', 'Spironolactone', '25 mg', 'tablet', 'C03DA01', 250],
  ['BISO-TAB-5', 'Bisoprolol', '5 mg', 'tablet', 'C07AB07', 400],
  ['CARV-TAB-6.25', 'Carvedilol', '6.25 mg', 'tablet', 'C07AG02', 200],
  ['PROP-TAB-40', 'Propranolol', '40 mg', 'tablet', 'C07AA05', 200],
  ['VERA-TAB-80', 'Verapamil', '80 mg', 'tablet', 'C08DA01', 100],
  ['METY-TAB-250', 'Methyldopa', '250 mg', 'tablet', 'C02AB01', 300],
  ['HYDZ-INJ-20', 'Hydralazine', '20 mg', 'powder for injection', 'C02DB02', 20],
  ['DIGO-TAB-250', 'Digoxin', '250 µg', 'tablet', 'C01AA05', 100],
  ['AMIO-TAB-200', 'Amiodarone', '200 mg', 'tablet', 'C01BD01', 60],
  ['GTN-SL-500', 'Glyceryl trinitrate', '500 µg', 'sublingual tablet', 'C01DA02', 60],
  ['ISDN-SL-5', 'Isosorbide dinitrate', '5 mg', 'sublingual tablet', 'C01DA08', 100],
  ['SIMV-TAB-20', 'Simvastatin', '20 mg', 'tablet', 'C10AA01', 600],
  ['ASA-TAB-100', 'Acetylsalicylic acid', '100 mg', 'tablet', 'B01AC06', 900],
  ['CLOP-TAB-75', 'Clopidogrel', '75 mg', 'tablet', 'B01AC04', 200],
  ['WARF-TAB-5', 'Warfarin', '5 mg', 'tablet', 'B01AA03', 100],
  ['HEPA-INJ-5000', 'Heparin sodium', '5000 IU/mL', 'solution for injection', 'B01AB01', 20],
  ['ENOX-SYR-40', 'Enoxaparin', '40 mg/0.4 mL', 'prefilled syringe', 'B01AB05', 30],
])

const coldVial = { storage: '2-8 °C', unit: 'vial' } as const

/** Diabetes, thyroid and corticosteroids. */
export const endocrine = medicines('diabetes and endocrine', [
  ['METF-TAB-500', 'Metformin', '500 mg', 'tablet', 'A10BA02', 1800],
  ['GLCZ-TAB-30', 'Gliclazide', '30 mg', 'modified-release tablet', 'A10BB09', 600],
  ['EMPA-TAB-10', 'Empagliflozin', '10 mg', 'tablet', 'A10BK03', 150],
  [
    'INSR-INJ-100',
    'Insulin human, soluble',
    '100 IU/mL, 10 mL',
    'solution for injection',
    'A10AB01',
    25,
    coldVial,
  ],
  [
    'INSN-INJ-100',
    'Insulin human, isophane',
    '100 IU/mL, 10 mL',
    'suspension for injection',
    'A10AC01',
    30,
    coldVial,
  ],
  [
    'INSM-INJ-100',
    'Insulin human, biphasic 30/70',
    '100 IU/mL, 10 mL',
    'suspension for injection',
    'A10AD01',
    30,
    coldVial,
  ],
  ['GLUC-INJ-1', 'Glucagon', '1 mg', 'powder for injection', 'H04AA01', 5, { storage: '2-8 °C' }],
  ['LETH-TAB-50', 'Levothyroxine sodium', '50 µg', 'tablet', 'H03AA01', 300],
  ['PRTU-TAB-50', 'Propylthiouracil', '50 mg', 'tablet', 'H03BA02', 100],
  ['PRED-TAB-5', 'Prednisolone', '5 mg', 'tablet', 'H02AB06', 500],
  ['HYDC-INJ-100', 'Hydrocortisone', '100 mg', 'powder for injection', 'H02AB09', 50],
  [
    'DEXA-INJ-4',
    'Dexamethasone phosphate',
    '4 mg/mL, 1 mL',
    'solution for injection',
    'H02AB02',
    60,
  ],
])

/** Asthma, COPD and allergy. */
export const respiratory = medicines('respiratory and allergy', [
  ['SALB-INH-100', 'Salbutamol', '100 µg/dose', 'inhaler', 'R03AC02', 60],
  ['SALB-NEB-5', 'Salbutamol', '5 mg/mL', 'nebuliser solution', 'R03AC02', 60],
  ['BUDE-INH-200', 'Budesonide', '200 µg/dose', 'inhaler', 'R03BA02', 30],
  ['BUFO-INH-200', 'Budesonide + formoterol', '200 µg + 6 µg/dose', 'inhaler', 'R03AK07', 25],
  ['IPRA-INH-20', 'Ipratropium bromide', '20 µg/dose', 'inhaler', 'R03BB01', 20],
  ['TIOT-CAP-18', 'Tiotropium', '18 µg', 'capsule', 'R03BB04', 60],
  ['LORA-TAB-10', 'Loratadine', '10 mg', 'tablet', 'R06AX13', 400],
  ['LORA-SOL-1', 'Loratadine', '1 mg/mL', 'oral solution', 'R06AX13', 30],
  ['CAFF-INJ-20', 'Caffeine citrate', '20 mg/mL', 'solution for injection', 'N06BC01', 10],
])

const controlled = { controlled: true } as const

/** Epilepsy, psychosis, mood, movement disorders. */
export const neuropsychiatry = medicines('psychiatry and neurology', [
  ['DIAZ-TAB-5', 'Diazepam', '5 mg', 'tablet', 'N05BA01', 150, controlled],
  ['DIAZ-INJ-10', 'Diazepam', '5 mg/mL, 2 mL', 'solution for injection', 'N05BA01', 40, controlled],
  ['PHEB-TAB-30', 'Phenobarbital', '30 mg', 'tablet', 'N03AA02', 400, controlled],
  ['CARB-TAB-200', 'Carbamazepine', '200 mg', 'tablet', 'N03AF01', 500],
  ['PHEN-CAP-100', 'Phenytoin sodium', '100 mg', 'capsule', 'N03AB02', 200],
  ['VALP-TAB-200', 'Valproic acid', '200 mg', 'tablet', 'N03AG01', 400],
  ['LAMO-TAB-25', 'Lamotrigine', '25 mg', 'tablet', 'N03AX09', 150],
  ['LEVE-TAB-250', 'Levetiracetam', '250 mg', 'tablet', 'N03AX14', 150],
  ['HALO-TAB-5', 'Haloperidol', '5 mg', 'tablet', 'N05AD01', 200],
  ['HALO-INJ-5', 'Haloperidol', '5 mg/mL', 'solution for injection', 'N05AD01', 20],
  ['CHPZ-TAB-100', 'Chlorpromazine', '100 mg', 'tablet', 'N05AA01', 200],
  ['RISP-TAB-2', 'Risperidone', '2 mg', 'tablet', 'N05AX08', 150],
  ['FLPZ-INJ-25', 'Fluphenazine decanoate', '25 mg/mL', 'solution for injection', 'N05AB02', 20],
  ['FLUO-CAP-20', 'Fluoxetine', '20 mg', 'capsule', 'N06AB03', 300],
  ['AMIT-TAB-25', 'Amitriptyline', '25 mg', 'tablet', 'N06AA09', 400],
  ['LITH-TAB-300', 'Lithium carbonate', '300 mg', 'tablet', 'N05AN01', 100],
  ['BIPE-TAB-2', 'Biperiden', '2 mg', 'tablet', 'N04AA02', 150],
  ['LECA-TAB-125', 'Levodopa + carbidopa', '100 mg + 25 mg', 'tablet', 'N04BA02', 100],
])
