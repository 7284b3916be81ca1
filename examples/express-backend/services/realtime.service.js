// The path that the rest of this back end imports; what is behind it is the library.
export * from 'uzima-realtime/services/realtime.service.js'
