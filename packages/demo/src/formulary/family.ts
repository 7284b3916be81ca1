import { medicines } from './item.js'

const cold = { storage: '2-8 °C' } as const

/** Labour, haemorrhage, pre-eclampsia and the newborn. */
export const maternal = medicines('maternal and newborn health', [
  ['OXYT-INJ-10', 'Oxytocin', '10 IU/mL', 'solution for injection', 'H01BB02', 120, cold],
  ['CARE-INJ-100', 'Carbetocin', '100 µg/mL', 'solution for injection', 'H01BB03', 30],
  ['MISO-TAB-200', 'Misoprostol', '200 µg', 'tablet', 'G02AD06', 90],
  ['MIFE-TAB-200', 'Mifepristone', '200 mg', 'tablet', 'G03XB01', 20],
  ['MGSO-INJ-5G', 'Magnesium sulfate', '500 mg/mL, 10 mL', 'solution for injection', 'B05XA05', 60],
  ['CAGL-INJ-1G', 'Calcium gluconate', '100 mg/mL, 10 mL', 'solution for injection', 'A12AA03', 30],
  ['TRAN-INJ-500', 'Tranexamic acid', '100 mg/mL, 5 mL', 'solution for injection', 'B02AA02', 40],
  ['NIFE-CAP-10', 'Nifedipine', '10 mg', 'capsule', 'C08CA05', 60],
  ['ANTD-SYR-250', 'Anti-D immunoglobulin', '250 µg', 'prefilled syringe', 'J06BB01', 6, cold],
  ['IRFO-TAB-60', 'Ferrous sulfate + folic acid', '60 mg + 400 µg', 'tablet', 'B03AD03', 2000],
  ['CHLX-GEL-7.1', 'Chlorhexidine digluconate, umbilical', '7.1 %', 'gel', 'D08AC02', 60],
  ['PHYT-INJ-1', 'Phytomenadione', '2 mg/mL, 0.5 mL', 'solution for injection', 'B02BA01', 60],
])

/** Family planning medicines and devices. */
export const contraceptives = medicines('contraceptives', [
  [
    'COC-TAB-180',
    'Ethinylestradiol + levonorgestrel',
    '30 µg + 150 µg',
    'tablet',
    'G03AA07',
    90,
    { unit: 'cycle' },
  ],
  ['POP-TAB-30', 'Levonorgestrel', '30 µg', 'tablet', 'G03AC03', 45, { unit: 'cycle' }],
  ['ECP-TAB-1.5', 'Levonorgestrel', '1.5 mg', 'tablet', 'G03AD01', 40],
  [
    'DMPA-INJ-150',
    'Medroxyprogesterone acetate',
    '150 mg/mL',
    'suspension for injection',
    'G03AC06',
    120,
  ],
  ['NETE-INJ-200', 'Norethisterone enantate', '200 mg/mL', 'solution for injection', 'G03AC01', 30],
  ['ETON-IMP-68', 'Etonogestrel', '68 mg', 'implant', 'G03AC08', 25],
  ['LNG-IMP-150', 'Levonorgestrel', '2 x 75 mg', 'implant', 'G03AC03', 20],
  ['CUIUD-380', 'Copper-containing device', '380 mm²', 'intrauterine device', 'G02BA02', 20],
])

/** Vaccines and immunoglobulins, counted in doses. */
export const vaccines = medicines('vaccines and sera', [
  ['VAC-BCG', 'BCG', '0.05 mL', 'vaccine', 'J07AN01', 100, cold],
  ['VAC-BOPV', 'Poliomyelitis, oral, bivalent', '2 drops', 'vaccine', 'J07BF04', 120, cold],
  ['VAC-IPV', 'Poliomyelitis, inactivated', '0.5 mL', 'vaccine', 'J07BF03', 60, cold],
  [
    'VAC-PENTA',
    'DTP + hepatitis B + Haemophilus influenzae type b',
    '0.5 mL',
    'vaccine',
    'J07CA11',
    120,
    cold,
  ],
  ['VAC-PCV13', 'Pneumococcal conjugate, 13-valent', '0.5 mL', 'vaccine', 'J07AL02', 100, cold],
  ['VAC-ROTA', 'Rotavirus, live attenuated', '1.5 mL', 'vaccine', 'J07BH01', 80, cold],
  ['VAC-MR', 'Measles + rubella', '0.5 mL', 'vaccine', 'J07BD53', 100, cold],
  ['VAC-HPV4', 'Human papillomavirus, quadrivalent', '0.5 mL', 'vaccine', 'J07BM01', 60, cold],
  ['VAC-YF', 'Yellow fever', '0.5 mL', 'vaccine', 'J07BL01', 50, cold],
  ['VAC-HEPB', 'Hepatitis B', '0.5 mL', 'vaccine', 'J07BC01', 40, cold],
  ['VAC-TD', 'Tetanus + diphtheria', '0.5 mL', 'vaccine', 'J07AM51', 80, cold],
  ['VAC-RAB', 'Rabies', '1 mL', 'vaccine', 'J07BG01', 20, cold],
  ['IG-TETA-250', 'Tetanus immunoglobulin', '250 IU', 'solution for injection', 'J06BB02', 8, cold],
  [
    'IG-RABI-300',
    'Rabies immunoglobulin',
    '150 IU/mL, 2 mL',
    'solution for injection',
    'J06BB05',
    5,
    { ...cold, unit: 'vial' },
  ],
  ['AV-SNAKE', 'Snake venom antiserum', '10 mL', 'powder for injection', 'J06AA03', 6, cold],
])

/** Vitamins, minerals and anaemia. */
export const nutrition = medicines('vitamins and nutrition', [
  ['VITA-CAP-200', 'Retinol', '200 000 IU', 'capsule', 'A11CA01', 300],
  ['VITD-CAP-1.25', 'Ergocalciferol', '1.25 mg (50 000 IU)', 'capsule', 'A11CC01', 60],
  ['THIA-TAB-50', 'Thiamine', '50 mg', 'tablet', 'A11DA01', 150],
  ['PYRI-TAB-25', 'Pyridoxine', '25 mg', 'tablet', 'A11HA02', 600],
  ['ASCO-TAB-50', 'Ascorbic acid', '50 mg', 'tablet', 'A11GA01', 200],
  ['NICO-TAB-50', 'Nicotinamide', '50 mg', 'tablet', 'A11HA01', 60],
  ['IRON-TAB-60', 'Ferrous sulfate', '60 mg iron', 'tablet', 'B03AA07', 800],
  ['FOLA-TAB-5', 'Folic acid', '5 mg', 'tablet', 'B03BB01', 500],
  ['B12-INJ-1', 'Hydroxocobalamin', '1 mg/mL', 'solution for injection', 'B03BA03', 20],
  ['CALC-TAB-500', 'Calcium carbonate', '500 mg calcium', 'tablet', 'A12AA04', 400],
  ['MNP-PWD-1', 'Multiple micronutrients', '1 g', 'oral powder', 'A11AA03', 300],
])
