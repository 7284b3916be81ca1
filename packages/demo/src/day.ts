export {
  playClinicDay,
  type ClinicDayOptions,
  type ClinicDayProgress,
  type ClinicDaySummary,
} from './clinic-day.js'
