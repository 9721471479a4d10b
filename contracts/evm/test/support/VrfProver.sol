// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VrfVerifier} from "../../src/examples/VrfVerifier.sol";

/// @title Makes proofs, as a Phat Contract does, with arithmetic of its own
/// @dev Points are added and doubled one by one, which no contract on a chain would pay for.
library VrfProver {
    uint256 internal constant P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;
    uint256 internal constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant GX = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798;
    uint256 private constant GY = 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8;

    /// @dev A point as x/z², y/z³; z is 0 for the neutral one.
    struct Jacobian {
        uint256 x;
        uint256 y;
        uint256 z;
    }

    function publicKey(uint256 secret) internal pure returns (VrfVerifier.Point memory) {
        return multiply(VrfVerifier.Point(GX, GY), secret);
    }

    function prove(uint256 secret, bytes memory alpha) internal view returns (VrfVerifier.Proof memory) {
        return proveWith(secret, alpha, uint256(keccak256(abi.encode(secret, alpha))) % (N - 1) + 1);
    }

    /// @param k The number that hides the secret key.
    function proveWith(uint256 secret, bytes memory alpha, uint256 k)
        internal
        view
        returns (VrfVerifier.Proof memory proof)
    {
        VrfVerifier.Point memory key = publicKey(secret);
        (, VrfVerifier.Point memory h) = VrfVerifier.encodeToCurve(key, alpha);
        proof.gamma = multiply(h, secret);
        proof.u = publicKey(k);
        VrfVerifier.Point memory v = multiply(h, k);
        bytes memory points = abi.encodePacked(
            compressed(key), compressed(h), compressed(proof.gamma), compressed(proof.u), compressed(v)
        );
        proof.c = uint256(sha256(abi.encodePacked(hex"FE02", points, hex"00"))) >> 128;
        proof.s = addmod(k, mulmod(proof.c, secret, N), N);
        proof.sH = multiply(h, proof.s);
        proof.cGamma = multiply(proof.gamma, proof.c);
    }

    function multiply(VrfVerifier.Point memory point, uint256 scalar) internal pure returns (VrfVerifier.Point memory) {
        Jacobian memory sum;
        for (uint256 bit = 256; bit > 0; --bit) {
            sum = double(sum);
            if ((scalar >> (bit - 1)) & 1 == 1) sum = add(sum, point);
        }
        uint256 inverse = power(sum.z, P - 2);
        uint256 square = mulmod(inverse, inverse, P);
        return VrfVerifier.Point(mulmod(sum.x, square, P), mulmod(sum.y, mulmod(square, inverse, P), P));
    }

    function double(Jacobian memory a) private pure returns (Jacobian memory) {
        uint256 square = mulmod(a.y, a.y, P);
        uint256 s = mulmod(4, mulmod(a.x, square, P), P);
        uint256 m = mulmod(3, mulmod(a.x, a.x, P), P);
        uint256 x = addmod(mulmod(m, m, P), P - mulmod(2, s, P), P);
        uint256 y = addmod(mulmod(m, addmod(s, P - x, P), P), P - mulmod(8, mulmod(square, square, P), P), P);
        return Jacobian(x, y, mulmod(2, mulmod(a.y, a.z, P), P));
    }

    /// @dev The points are never each other's double or negative: one is a small multiple of the other.
    function add(Jacobian memory a, VrfVerifier.Point memory b) private pure returns (Jacobian memory) {
        if (a.z == 0) return Jacobian(b.x, b.y, 1);
        uint256 square = mulmod(a.z, a.z, P);
        uint256 h = addmod(mulmod(b.x, square, P), P - a.x, P);
        uint256 r = addmod(mulmod(b.y, mulmod(square, a.z, P), P), P - a.y, P);
        uint256 hSquare = mulmod(h, h, P);
        uint256 hCube = mulmod(hSquare, h, P);
        uint256 v = mulmod(a.x, hSquare, P);
        uint256 x = addmod(mulmod(r, r, P), P - addmod(hCube, mulmod(2, v, P), P), P);
        uint256 y = addmod(mulmod(r, addmod(v, P - x, P), P), P - mulmod(a.y, hCube, P), P);
        return Jacobian(x, y, mulmod(a.z, h, P));
    }

    function power(uint256 base, uint256 exponent) private pure returns (uint256 result) {
        result = 1;
        for (; exponent != 0; exponent >>= 1) {
            if (exponent & 1 == 1) result = mulmod(result, base, P);
            base = mulmod(base, base, P);
        }
    }

    function compressed(VrfVerifier.Point memory point) internal pure returns (bytes memory) {
        return abi.encodePacked(point.y & 1 == 0 ? bytes1(0x02) : bytes1(0x03), point.x);
    }
}
