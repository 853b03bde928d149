import './incident-scan.js'
