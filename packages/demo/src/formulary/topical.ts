import { medicines } from './item.js'

/** Skin medicines, antiseptics and disinfectants. */
export const dermatology = medicines('dermatology and antiseptics', [
  ['HYDC-CRM-1', 'Hydrocortisone acetate', '1 %', 'cream', 'D07AA02', 40],
  ['BETA-CRM-0.1', 'Betamethasone valerate', '0.1 %', 'cream', 'D07AC01', 30],
  ['CLTR-CRM-1', 'Clotrimazole', '1 %', 'cream', 'D01AC01', 60],
  ['MICO-CRM-2', 'Miconazole', '2 %', 'cream', 'D01AC02', 30],
  ['TERB-CRM-1', 'Terbinafine', '1 %', 'cream', 'D01AE15', 20],
  ['SISU-CRM-1', 'Silver sulfadiazine', '1 %', 'cream', 'D06BA01', 30],
  ['MUPI-OIN-2', 'Mupirocin', '2 %', 'ointment', 'D06AX09', 25],
  ['BPO-GEL-5', 'Benzoyl peroxide', '5 %', 'gel', 'D10AE01', 15],
  ['UREA-CRM-10', 'Urea', '10 %', 'cream', 'D02AE01', 15],
  ['POVI-SOL-10', 'Povidone iodine', '10 %, 500 mL', 'cutaneous solution', 'D08AG02', 30],
  ['CHLX-SOL-5', 'Chlorhexidine digluconate', '5 %, 1 L', 'cutaneous solution', 'D08AC02', 15],
  ['ETOH-SOL-70', 'Ethanol', '70 %, 1 L', 'cutaneous solution', 'D08AX08', 25],
  ['IPA-RUB-75', 'Isopropyl alcohol hand rub', '75 %, 500 mL', 'cutaneous solution', 'D08AX05', 60],
  [
    'KMNO-SOL-0.1',
    'Potassium permanganate',
    '1:10 000, 500 mL',
    'cutaneous solution',
    'D08AX06',
    10,
  ],
])

/** Eyes and ears. */
export const ophthalmic = medicines('ophthalmic and ear', [
  ['TETR-EYO-1', 'Tetracycline', '1 %', 'eye ointment', 'S01AA09', 80],
  ['GENT-EYD-0.3', 'Gentamicin', '0.3 %', 'eye drops', 'S01AA11', 40],
  ['OFLO-EYD-0.3', 'Ofloxacin', '0.3 %', 'eye drops', 'S01AE01', 20],
  ['ACIC-EYO-3', 'Aciclovir', '3 %', 'eye ointment', 'S01AD03', 10],
  ['NATA-EYD-5', 'Natamycin', '5 %', 'eye drops', 'S01AA10', 8],
  ['PRED-EYD-0.5', 'Prednisolone', '0.5 %', 'eye drops', 'S01BA04', 15],
  ['TIMO-EYD-0.5', 'Timolol', '0.5 %', 'eye drops', 'S01ED01', 25],
  ['LATA-EYD-50', 'Latanoprost', '50 µg/mL', 'eye drops', 'S01EE01', 10, { storage: '2-8 °C' }],
  ['PILO-EYD-2', 'Pilocarpine', '2 %', 'eye drops', 'S01EB01', 10],
  ['ATRO-EYD-1', 'Atropine', '1 %', 'eye drops', 'S01FA01', 8],
  ['TROP-EYD-0.5', 'Tropicamide', '0.5 %', 'eye drops', 'S01FA06', 8],
  ['TTCA-EYD-0.5', 'Tetracaine', '0.5 %', 'eye drops', 'S01HA03', 8],
  ['ACET-TAB-250', 'Acetazolamide', '250 mg', 'tablet', 'S01EC01', 60],
  ['CIPR-EAR-0.3', 'Ciprofloxacin', '0.3 %', 'ear drops', 'S02AA15', 25],
])
